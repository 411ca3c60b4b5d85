export { mapStore } from './map-store';
export { mapTarget } from './map-target';
