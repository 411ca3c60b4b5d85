import { targetSpecs } from '@tributary/sync-config';
import { uniqueName } from '@tributary/testing';
import { conformance } from '../../targets/test/conformance';
import type { Target } from '../../targets/test/harness';
import { ownedPlaces } from '../../targets/test/places';
import { itemColumns, itemsTable } from '../../targets/test/rows';
import { sweeping } from '../../targets/test/sweep';
import { mapStore } from './map-store';
import { mapTarget } from './map-target';

const specs = [...targetSpecs, mapTarget.spec];
const listener = { onLost: () => undefined, onWarning: () => undefined };

/** The target as the suite sees it. */
async function openMap(): Promise<Target> {
  const table = itemsTable(uniqueName('t'), 'hash', '', itemColumns, specs);
  const store = mapStore(table.settings.table);
  const connect = () => mapTarget.connect({ store }, listener);
  const { writer, versions, ...connected } = await connect();
  const held = () => store.table(table.settings.table);
  const refusal = (id: number) => `${table.settings.table}\0${id}`;
  return {
    ...{ table, writer, versionReader: versions },
    second: async () => (await connect()).writer,
    positions: (group) => connected.positions(group, 'topic'),
    notes: (group) => connected.sweepNotes(group),
    places: () => connected.places,
    async held(id) {
      const found = held().rows.get(String(id));
      const { name, qty } = found?.row ?? {};
      return found && { version: found.version, name: name as string | null, qty: qty as number | null };
    },
    refuse: async (id) => void store.refused.add(refusal(id)),
    admit: async (id) => void store.refused.delete(refusal(id)),
    // Nobody else writes to the memory of this process.
    misshapen: [],
    misshape: async () => undefined,
    misshapeTombstone: async () => undefined,
    occupied: async (id) => held().rows.has(String(id)),
    wipe: async () => store.wipe(),
    close: async () => store.wipe(),
  };
}

for (const promise of [conformance, sweeping]) promise('A Map', openMap);
ownedPlaces('A Map', mapTarget, openMap);
