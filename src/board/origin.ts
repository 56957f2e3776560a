/**
 * The Yjs transaction origin of this device's own commands. Replication signs what has this origin, undo remembers it.
 * Undo and redo run under their own origin: see `History.origin`.
 */
export const LOCAL: { readonly name: 'local' } = Object.freeze({ name: 'local' });

/** The origin of what a board begins with. It is signed like any other edit, and is no step to undo: nobody who undoes means to be left without a board. */
export const BEGINNING: { readonly name: 'beginning' } = Object.freeze({ name: 'beginning' });
