import { createHash } from 'node:crypto';
import test from 'ava';
import { renderIndexHtml } from '../../../../src/sync/publish/pages/index-html.js';
import { aFile, anImage, aView } from '../view-factory.js';

/** What a browser takes for text: the page without its own style and script. */
const body = (page: string): string => page.replace(/<(style|script)>.*?<\/\1>/gs, '');

test('names, versions, sizes, hashes, links and commands are there', (t) => {
  const image = anImage();
  const page = renderIndexHtml(aView({ images: [image, anImage({ version: '20261001' })] }));
  const [file] = image.files;
  for (const text of [
    'Debian 12',
    '20261120',
    '20261001',
    '316.5 MiB',
    file?.digests.sha256,
    file?.digests.md5,
    file?.digests.sha512,
    image.expanded.sha256,
    'href="./SHA256SUMS"',
    'href="./SHA256SUMS.asc"',
    'href="./SHA256SUMS.minisig"',
    'href="./md5sum.asc"',
    'href="./streams/v1/index.json"',
    'href="./feed.xml"',
    `href="./${file?.path}"`,
    `href="./${image.sidecar}"`,
    '0123456789ABCDEF0123456789ABCDEF01234567',
    'RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3',
    '2026-11-21 06:10 UTC',
    'Generation 7',
    `curl -fL -C - -o debian-12-generic-amd64.qcow2.gz https://images.example.org/public/${file?.path}`,
    `echo &#39;${file?.digests.sha256}  debian-12-generic-amd64.qcow2.gz&#39; | sha256sum -c`,
    'image-sync --keyring pubkey.asc --filter &#39;name=Debian 12&#39; --max 1 https://images.example.org/public/',
    'image-sync --keyring pubkey.asc https://images.example.org/public/',
    'openstack image create',
    '--disk-format qcow2 --container-format bare',
    '--min-disk 8 --min-ram 512',
  ]) {
    t.true(page.includes(text ?? 'missing'), text);
  }
});

test('the same view gives the same bytes', (t) => {
  t.is(renderIndexHtml(aView()), renderIndexHtml(aView()));
});

test('what an image says is text, wherever it stands', (t) => {
  const nasty = `"><script>alert(1)</script><img src=x onerror=alert(1)>' javascript:alert(1) </pre>`;
  const page = renderIndexHtml(
    aView({
      publisher: nasty,
      images: [
        anImage({
          name: nasty,
          product: nasty,
          version: nasty,
          os: nasty,
          architecture: nasty,
          sets: [nasty],
          diskFormat: nasty,
          containerFormat: nasty,
          files: [aFile(nasty), aFile('javascript:alert(1)')],
          sidecar: nasty,
          metalink: nasty,
          properties: new Map([[nasty, nasty]]),
          tags: [nasty],
          expanded: { sha256: nasty },
        }),
        anImage({ product: nasty, name: nasty }),
      ],
      sets: [1, 2].map(() => ({ name: nasty, contentId: nasty, products: nasty, directories: [nasty], images: 1 })),
      keys: { fingerprints: [nasty], openpgp: nasty, minisign: [{ path: nasty, key: nasty }] },
    }),
  );
  const text = body(page);
  t.deepEqual([...text.matchAll(/<(script|img|iframe|object|embed|form|svg)\b/gi)], []);
  const links = [...text.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  t.true(links.length > 5);
  for (const link of links) t.regex(link, /^(\.\/|data:,$)/);
});

test('an address that is none of the web is not written anywhere', (t) => {
  for (const baseUrl of ['javascript:alert(1)//', 'data:text/html,x', 'no address']) {
    const page = renderIndexHtml(aView({ baseUrl }));
    t.false(page.includes(baseUrl));
    t.true(page.includes('$BASE'));
  }
});

test('only the style and the script of the page itself may be used', (t) => {
  const page = renderIndexHtml(aView());
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  t.true(policy.startsWith("default-src 'none'; "));
  for (const element of ['style', 'script']) {
    const inline = [...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
    t.is(inline.length, 1);
    const hash = createHash('sha256')
      .update(inline[0]?.[1] ?? '')
      .digest('base64');
    t.true(policy.includes(`${element}-src 'sha256-${hash}'`), element);
  }
  t.notRegex(policy, /unsafe|\*/);
  t.notRegex(body(page), /\sstyle=|\son[a-z]+=/, 'nothing inline that the policy would refuse');
});

test('commands stay one word each, and show what a terminal would hide', (t) => {
  const page = renderIndexHtml(
    aView({
      images: [
        anImage({
          name: `it's $(reboot) \`x\` \u202e; rm -rf ~\n\u001b[A`,
          properties: new Map([['a', "b' --property c=d"]]),
        }),
      ],
    }),
  );
  const text = body(page).replaceAll('&#39;', "'");
  t.true(text.includes(`$'it\\'s $(reboot) \`x\` \\u202e; rm -rf ~\\u000a\\u001b[A'`));
  t.true(text.includes(`--property 'a=b'\\'' --property c=d'`));
  t.false(page.includes('\u202e') || page.includes('\u001b'));
});

test('with minisign keys alone commands go by those', (t) => {
  const { keys } = aView();
  const [key] = keys.minisign;
  const page = renderIndexHtml(aView({ keys: { fingerprints: [], minisign: keys.minisign } }));
  t.true(page.includes(`image-sync --minisign-key ${key?.key} --filter`));
  t.true(page.includes(`minisign -V -P ${key?.key} -m SHA256SUMS`));
  t.notRegex(page, /--keyring|SHA256SUMS\.gpg/);
});

test('without keys it says so, without an address commands leave it open', (t) => {
  const { baseUrl, ...view } = aView({ keys: { fingerprints: [], minisign: [] } });
  const page = renderIndexHtml(view);
  t.regex(page, /not signed/);
  t.notRegex(page, /\.asc|\.minisig|--keyring/);
  t.true(page.includes('image-sync &quot;$BASE&quot;images/'));
  t.false(page.includes(baseUrl ?? 'missing'));
});

test('an empty repository has a page', (t) => {
  t.regex(renderIndexHtml(aView({ images: [], sets: [] })), /0 images/);
});

test('a page of a thousand images stays below five megabytes', (t) => {
  const images = Array.from({ length: 1000 }, (_, index) => anImage({ release: String(index) }));
  t.true(Buffer.byteLength(renderIndexHtml(aView({ images }))) < 5_000_000);
});
