import { createMemoryStore } from '../../../stores/memory/memory-store.js';
import { storeSuite } from '../../suites/store.js';

storeSuite('memory', async () => {
  const store = createMemoryStore();
  return { store, partBytes: 100_000, leftovers: async () => [], dispose: () => store.close() };
});
