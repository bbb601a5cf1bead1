import { readFileSync } from 'node:fs';
import test from 'ava';
import { configurationDocs } from '../../src/config/docs.js';
import { KNOWN_OPTIONS, TABLE } from '../../src/config/options.js';
import { sampleConfig } from '../../src/config/sample.js';
import { machine } from './temp-config.js';

const project = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

test('etc/glance-api.conf is what the table makes', (t) => {
  t.is(project('etc/glance-api.conf'), sampleConfig());
});

test('docs/configuration.md is what the table makes', (t) => {
  t.is(project('docs/configuration.md'), configurationDocs());
});

test('the sample is read without a warning, and with every comment taken off as well', (t) => {
  const here = machine(t);
  const sample = here.write('a.conf', sampleConfig());
  const config = here.load({ files: [sample] });
  t.deepEqual(config.warnings, []);
  t.true(config.values.glimpse.auto_migrate);
  t.is(config.values.glance_store.filesystem_store_datadir, 'var/images');

  // Options without a default have no line of their own that could be read.
  const all = sampleConfig().replace(/^# (\w+ = .)/gm, '$1');
  const full = here.load({ files: [here.write('b.conf', all)] });
  t.deepEqual(full.warnings, []);
  t.deepEqual({ ...full.values, ...config.values }, config.values);
  t.deepEqual(full.values, config.values);
});

test('no option is both implemented and listed as known without effect', (t) => {
  const twice = Object.entries(KNOWN_OPTIONS).flatMap(([section, names]) =>
    names.filter((name) => name in (TABLE[section] ?? {})),
  );
  t.deepEqual(twice, []);
});
