import { destinationSuite } from '../../../suites/destination.js';
import { MemoryDestination } from '../../../support/memory-destination.js';

const destination = new MemoryDestination('p1');

destinationSuite('memory', () => ({
  destination,
  owner: 'p1',
  bytesOf: async (id) => destination.bytes.get(id) ?? Buffer.alloc(0),
  storedFiles: async () => [...destination.bytes.keys()],
}));
