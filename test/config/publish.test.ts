import test from 'ava';
import { ConfigError } from '../../src/config/config-error.js';
import { machine } from './temp-config.js';

test('every set has a section of its own, and the set all is there without one', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    '[publish]\nsets = all, daily\n[publish:daily]\ncompression = zstd,none,zstd\nnames = a*, b\nproperties = os_distro:debian\nkeep = 3\n',
  );
  const { publishSets, warnings } = here.load({ files: [file] });
  t.deepEqual(warnings, []);
  t.deepEqual(
    publishSets.map(({ name, options }) => [name, options.compression, options.names, options.keep]),
    [
      ['all', ['gzip'], [], 0],
      ['daily', ['zstd', 'none'], ['a*', 'b'], 3],
    ],
  );
  t.deepEqual(publishSets[1]?.options.properties, { os_distro: 'debian' });
});

test('sections of sets that are not published and options that no set has are told', (t) => {
  const here = machine(t);
  const file = here.write('a.conf', '[publish]\ngrace_day = 3\n[publish:dialy]\nkeep = 3\n[publish:all]\nkeeps = 3\n');
  const { warnings } = here.load({ files: [file] });
  t.is(warnings.length, 3);
  t.regex(warnings[0] ?? '', /\[publish\] grace_day; did you mean grace_days\?/);
  t.regex(warnings[1] ?? '', /unknown section \[publish:dialy\]/);
  t.regex(warnings[2] ?? '', /\[publish:all\] keeps; did you mean keep\?/);
});

test('what no set can be is a mistake with its place, told once', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    '[publish]\ngrace_days = -1\n[publish:all]\ncompression = lzma\nproperties = debian\n',
  );
  const error = t.throws(() => here.load({ files: [file] }), { instanceOf: ConfigError });
  t.regex(error?.message ?? '', /a\.conf:2: .*grace_days.*at least 0/);
  t.regex(error?.message ?? '', /a\.conf:4: .*compression = "lzma": must be of none, gzip, bzip2, xz, zstd/);
  t.regex(error?.message ?? '', /a\.conf:5: .*key:value/);
  t.is(error?.message.match(/lzma/g)?.length, 1);
});
