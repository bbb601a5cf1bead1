/**
 * What makes the page quicker to use; everything is there without it. It searches all words in all that an image says of itself, hashes
 * included, filters by system and architecture, copies commands, and fills in the page's own address where the commands leave it open.
 */
export const SCRIPT = `
(function () {
  'use strict';
  var images = [].slice.call(document.querySelectorAll('.image'));
  var search = document.getElementById('search');
  var count = document.getElementById('count');
  if (search && count) {
    var fields = search.querySelectorAll('input, select');
    var texts = [];
    var textOf = function (image, index) {
      return texts[index] || (texts[index] = image.textContent.toLowerCase());
    };
    var apply = function () {
      var words = fields[0].value.toLowerCase().split(/\\s+/).filter(Boolean);
      var os = fields[1].value, arch = fields[2].value, shown = 0;
      images.forEach(function (image, index) {
        var fits = (!os || image.dataset.os === os) && (!arch || image.dataset.arch === arch) &&
          words.every(function (word) { return textOf(image, index).indexOf(word) >= 0; });
        image.hidden = !fits;
        if (fits) shown += 1;
      });
      count.textContent = shown === images.length ? count.dataset.all : shown + ' of ' + count.dataset.all;
    };
    search.hidden = false;
    var waiting;
    search.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    apply();
  }
  var open = function () {
    var image = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (image && image.classList.contains('image')) { image.open = true; image.scrollIntoView(); }
  };
  window.addEventListener('hashchange', open);
  open();
  var base = document.getElementById('base');
  if (base && /^http/.test(location.protocol)) {
    base.textContent = "BASE='" + location.href.replace(/[?#].*$/, '').replace(/[^/]*$/, '').replace(/'/g, '%27') + "'";
  }
  if (navigator.clipboard) {
    [].forEach.call(document.querySelectorAll('.command'), function (box) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.addEventListener('click', function () {
        navigator.clipboard.writeText(box.querySelector('pre').textContent).then(function () {
          button.textContent = 'Copied';
          setTimeout(function () { button.textContent = 'Copy'; }, 1500);
        });
      });
      box.insertBefore(button, box.firstChild);
    });
  }
})();
`;
