/** How long the browser may take to fetch what it saves, ms. Origin: guess; the bytes are in memory already. */
const SAVE_MS = 60_000;

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, SAVE_MS);
}
