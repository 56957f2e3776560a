/** The one `<dialog>` that an element draws in its shadow root. */
import type { LitElement } from 'lit';

/** Shows it as a modal, once what the element has to draw is drawn: before its first drawing there is none. One that is open stays so. */
export async function showDialog(element: LitElement): Promise<void> {
  await element.updateComplete;
  const dialog = dialogOf(element);
  if (dialog?.open === false) dialog.showModal();
}

export function closeDialog(element: LitElement): void {
  dialogOf(element)?.close();
}

function dialogOf({ renderRoot }: LitElement): HTMLDialogElement | null {
  return renderRoot.querySelector('dialog');
}
