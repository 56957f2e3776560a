/** What a member may do on a board. */
export type Role = 'owner' | 'editor' | 'viewer' | 'agent';
