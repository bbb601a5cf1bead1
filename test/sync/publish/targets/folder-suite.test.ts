import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderTarget } from '../../../../src/sync/publish/targets/folder.js';
import { repositoryTargetSuite } from '../../../suites/repository-target.js';
import { openFiles } from '../../../suites/store-folder.js';

repositoryTargetSuite('a folder', async () => {
  const path = await mkdtemp(join(tmpdir(), 'glimpse-repository-'));
  return {
    open: () => openFolderTarget({ path }),
    leftovers: async () => [...(await readdir(join(path, '.tmp')).catch(() => [])), ...(await openFiles(path))],
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});
