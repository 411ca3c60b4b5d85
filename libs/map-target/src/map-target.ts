import { commonOptions, envPart, requiredVariable, targetSpec } from '@tributary/sync-config';
import type { TargetPlugin } from '@tributary/targets';
import { MapPlaces, MapPositions, MapSweepNotes } from './map-notes';
import { mapStore, type MapStore } from './map-store';
import { MapView } from './map-view';
import { MapWriter } from './map-writer';

const name = 'map';

const mapSpec = targetSpec({
  ...{ name, title: 'a Map', defaults: commonOptions, entry: {} },
  settings: (said) => ({ enabled: said('enabled') ?? true, shared: said('shared') ?? false }),
  faults: () => [],
  placeText: ({ table }) => table,
});

/** Rows in a Map of this process: the least that a target is. */
export const mapTarget: TargetPlugin<{ readonly store: MapStore }> = {
  ...{ name, spec: mapSpec },
  env: {
    variable: 'MAP_NAME',
    part: envPart({ MAP_NAME: requiredVariable('MAP_NAME', 'any name') }, ({ MAP_NAME }) => ({
      store: mapStore(MAP_NAME),
    })),
  },
  place: ({ table }) => ({ id: table, database: '', keys: [] }),
  surfaces: ({ table }) => [table],
  words: { where: (id) => `the Map ${id}`, elsewhere: 'another Map' },
  misfit: () => null,
  misfitCodes: [],
  keepsSchemas: false,
  async connect({ store }) {
    return {
      writer: new MapWriter(store),
      positions: (group) => new MapPositions(store, group),
      sweepNotes: (group) => new MapSweepNotes(store, group),
      places: new MapPlaces(store),
      versions: {
        async versions(rows) {
          return rows.map(({ table: { table }, keyText }) => {
            const { rows: held, tombstones } = store.table(table);
            const version = held.get(keyText)?.version ?? tombstones.get(keyText);
            return version === undefined ? undefined : BigInt(version);
          });
        },
      },
      view: (table) => new MapView(name, table, store.table(table.settings.table)),
      examine: async () => [],
    };
  },
};
