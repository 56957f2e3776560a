/** Where a person is, read from the URL's fragment (which never reaches a server). */
export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'board'; readonly boardId: string }
  | { readonly screen: 'share'; readonly boardId: string }
  | { readonly screen: 'decisions'; readonly boardId: string }
  /** An invite link, or a scratch board's; `url` is the whole address, kept in memory so that the address bar can be scrubbed. */
  | { readonly screen: 'join'; readonly url: string };

/** Reads a route from a full address. Anything unknown is Home. */
export function parseRoute(url: string): Route {
  const hashAt = url.indexOf('#');
  const hash = hashAt < 0 ? '' : url.slice(hashAt + 1);
  if (hash.startsWith('/j/') || hash.startsWith('scratch=')) return { screen: 'join', url };
  const match = /^\/b\/([0-9A-Za-z_-]+)(?:\/(share|decisions))?\/?$/u.exec(hash);
  const boardId = match?.[1];
  if (boardId === undefined) return { screen: 'home' };
  const page = match?.[2];
  return { screen: page === 'share' || page === 'decisions' ? page : 'board', boardId };
}

/** The board that a route shows something of; null for those that show none. */
export function boardOfRoute(route: Route): string | null {
  return route.screen === 'home' || route.screen === 'join' ? null : route.boardId;
}

/** The fragment of a route, with its `#`. */
export function routeHash(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '#/';
    case 'board':
      return `#/b/${route.boardId}`;
    case 'share':
      return `#/b/${route.boardId}/share`;
    case 'decisions':
      return `#/b/${route.boardId}/decisions`;
    case 'join':
      return route.url.slice(route.url.indexOf('#'));
  }
}

/** Goes somewhere. `replace` leaves no entry behind: used to scrub an invite's secrets from the address bar and history. */
export function navigate(route: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = routeHash(route);
  if (how === 'replace') history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  dispatchEvent(new Event('tabswarm-route'));
}

/** Calls `listener` after every change of route, ours or the browser's. Returns the unsubscribe. */
export function onRoute(listener: () => void): () => void {
  const names = ['tabswarm-route', 'hashchange', 'popstate'];
  for (const name of names) addEventListener(name, listener);
  return () => {
    for (const name of names) removeEventListener(name, listener);
  };
}
