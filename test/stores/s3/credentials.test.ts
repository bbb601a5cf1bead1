import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { createS3Store } from '../../../stores/s3/s3-store.js';
import { calm, chunks } from '../../suites/store-rig.js';
import { ACCESS_KEY, SECRET_KEY } from '../../support/s3-double/s3-double.js';
import { doubleRig, optionsFor } from './double-rig.js';

const hint = () => ({ worker: 'w1', signal: calm() });

/** The environment belongs to the whole process, so one test after the other. */
for (const name of Object.keys(process.env).filter((variable) => variable.startsWith('AWS_'))) delete process.env[name];
process.env.AWS_EC2_METADATA_DISABLED = 'true';

async function bare() {
  const { double, dispose } = await doubleRig();
  const { credentials: _, ...options } = optionsFor(double);
  const store = await createS3Store(options);
  const put = () => store.put(randomUUID(), chunks(Buffer.from('x')), hint());
  const end = async () => {
    await store.close();
    await dispose();
  };
  return { double, put, end };
}

test.serial('credentials come from the environment', async (t) => {
  const { double, put, end } = await bare();
  process.env.AWS_ACCESS_KEY_ID = ACCESS_KEY;
  process.env.AWS_SECRET_ACCESS_KEY = SECRET_KEY;
  t.is((await put()).size, 1);
  t.regex(double.authorization, new RegExp(`^AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/`));
  delete process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  await end();
});

test.serial('credentials come from the profile', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-s3-'));
  const file = join(folder, 'credentials');
  await writeFile(file, `[images]\naws_access_key_id = ${ACCESS_KEY}\naws_secret_access_key = ${SECRET_KEY}\n`);
  process.env.AWS_SHARED_CREDENTIALS_FILE = file;
  process.env.AWS_PROFILE = 'images';
  const { put, end } = await bare();
  t.is((await put()).size, 1);
  delete process.env.AWS_PROFILE;
  delete process.env.AWS_SHARED_CREDENTIALS_FILE;
  await end();
  await rm(folder, { recursive: true });
});

test.serial('no credentials anywhere is a refusal, and one that ends when there are some', async (t) => {
  process.env.AWS_SHARED_CREDENTIALS_FILE = '/nowhere/credentials';
  process.env.AWS_CONFIG_FILE = '/nowhere/config';
  const { put, end } = await bare();
  t.true(isRegistryError(await t.throwsAsync(put()), 'storage-denied'));
  process.env.AWS_ACCESS_KEY_ID = ACCESS_KEY;
  process.env.AWS_SECRET_ACCESS_KEY = SECRET_KEY;
  t.is((await put()).size, 1);
  await end();
});
