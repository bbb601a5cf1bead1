import test from 'ava';
import { SeededRandom } from '../support/random.js';
import { descriptor, iso, LINUX, luks, mbr, qcow2, qed, streamOptimized, vdi, vhd, vhdx, vmdk } from './crafted.js';
import { bare, MOST_HELD, watched } from './rig.js';

const FORMATS = ['raw', 'qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'qed', 'iso', 'gpt', 'luks', 'ami'];
const SEEDS = [1, 2, 3, 4];
const ROUNDS = 300;
const GOOD = [qcow2(), qed(), vdi(), vhd(), vhdx(), iso(), mbr(LINUX), luks(), vmdk(), streamOptimized()];
const ODD = [0x00, 0x01, 0x7f, 0x80, 0xff];

/** Good headers with bytes changed, most of them where the fields are, then cut short. */
function mutant(random: SeededRandom): Buffer {
  const bytes = Buffer.from(random.pick(GOOD));
  for (let left = random.integer(0, 12); left > 0; left -= 1) {
    const start = random.pick([0, 0, 0, 512, 32768, 192 * 1024, 320 * 1024, bytes.length - 1536]);
    const at = Math.max(0, Math.min(start + random.integer(0, 127), bytes.length - 1));
    bytes.writeUInt8(random.pick([...ODD, random.integer(0, 255)]), at);
  }
  return random.next() < 0.5 ? bytes : bytes.subarray(0, random.integer(0, bytes.length));
}

for (const seed of SEEDS) {
  test(`no header makes the inspection throw or keep more than its bound (seed ${seed})`, (t) => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = random.next() < 0.1 ? random.bytes(random.integer(0, 4096)) : mutant(random);
      const declared = bare(random.pick(FORMATS));
      const [first, second] = [random.integer(100, 5000), 64 * 1024].map((size) => watched(bytes, declared, size));
      t.deepEqual(first?.verdict, second?.verdict, `round ${round}`);
      t.true(Math.max(first?.held ?? Number.NaN, second?.held ?? Number.NaN) <= MOST_HELD, `round ${round}`);
    }
  });
}

test('the longest regions stay below the bound, and nothing is held of a stream that shows no format', (t) => {
  const long = vmdk(descriptor(), { descriptorSectors: 2047n });
  const { held } = watched(Buffer.concat([long, Buffer.alloc(1024 * 1024)]), bare('vmdk'), 64 * 1024);
  t.true(held > 1_000_000 && held <= MOST_HELD);
  t.true(watched(Buffer.alloc(1024 * 1024), bare('raw'), 64 * 1024).held < 8 * 1024);
});
