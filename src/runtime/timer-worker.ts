/** The worker that rings while its page is held back (clock.ts). Its whole state is one alarm: a new request replaces the last. */

let timeout: ReturnType<typeof setTimeout> | undefined;

addEventListener('message', (event: MessageEvent<number>) => {
  clearTimeout(timeout);
  timeout = setTimeout(() => {
    postMessage(undefined);
  }, event.data);
});
