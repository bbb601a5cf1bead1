import { createFilesystemStore } from '../../../stores/filesystem/filesystem-store.js';
import { storeSuite } from '../../suites/store.js';
import { testFolder } from '../../suites/store-folder.js';

storeSuite('filesystem', async () => {
  const folder = await testFolder();
  const store = await createFilesystemStore({ datadirs: [{ path: folder.path, priority: 0 }] });
  return {
    store,
    partBytes: 1024 * 1024,
    leftovers: folder.leftovers,
    async dispose() {
      await store.close();
      await folder.remove();
    },
  };
});
