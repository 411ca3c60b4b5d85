/** Metadata of a controller's method: which call of the API it is. */
export const OPERATION = 'tributary:operation';
