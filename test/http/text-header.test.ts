import test from 'ava';
import { decodeHeader, encodeHeader, encodeLatinHeader } from '../../src/http/text-header.js';

/** As Node hands over the bytes of a header. */
function raw(...bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('latin1');
}

test('bytes of UTF-8 are the text they say, all others stay Latin-1', (t) => {
  t.is(decodeHeader('plain'), 'plain');
  t.is(decodeHeader(raw(0xc3, 0xbc)), 'ü');
  t.is(decodeHeader(raw(0xe6, 0x9d, 0xb1)), '東');
  t.is(decodeHeader(raw(0xff, 0x41)), 'ÿA');
  t.is(decodeHeader(raw(0xc3, 0x28)), 'Ã(');
  t.is(decodeHeader('a%20b'), 'a%20b');
});

for (const text of ['', 'plain', 'Größe – 東京', '😀', 'a%20b', 'ÿ']) {
  test(`"${text}" comes back as it went`, (t) => {
    const sent = encodeHeader(text);
    t.regex(sent, /^[\x20-\xff]*$/);
    t.is(decodeHeader(sent), text);
  });
}

test('control characters cannot break the head', (t) => {
  for (const encode of [encodeHeader, encodeLatinHeader]) {
    t.is(encode('a\r\nb: c'), 'a%0D%0Ab: c');
    t.is(encode('\0\t\x7f'), '%00%09%7F');
  }
  t.is(encodeHeader('\x85'), '%C2%85');
  t.is(decodeHeader(encodeHeader('\ud800')), '\ufffd');
});

test('Latin-1 where it has all the characters, else UTF-8', (t) => {
  t.is(encodeLatinHeader('é'), 'é');
  t.is(decodeHeader(encodeLatinHeader('é 東')), 'é 東');
});
