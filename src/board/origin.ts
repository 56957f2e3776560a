/**
 * The Yjs transaction origin of this device's own commands. Replication signs what has this origin, undo tracks it.
 * Undo and redo run under their own origin: see `History.origin`.
 */
export const LOCAL: { readonly name: 'local' } = Object.freeze({ name: 'local' });
