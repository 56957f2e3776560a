/** Reads QR codes with the camera, where the browser has both. */

/** The part of the Barcode Detection API that is used; not in TypeScript's library. */
interface BarcodeDetectorLike {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

/** Between two looks at the picture, milliseconds (guess: people hold a code for seconds). */
const LOOK_EVERY_MS = 250;

function detector():
  (new (options: { readonly formats: readonly string[] }) => BarcodeDetectorLike) | undefined {
  const known = (globalThis as { BarcodeDetector?: unknown }).BarcodeDetector;
  return typeof known === 'function' ? (known as ReturnType<typeof detector>) : undefined;
}

/** Whether this browser can scan at all. */
export function canScan(): boolean {
  return detector() !== undefined && 'mediaDevices' in navigator;
}

/**
 * Shows the camera in `video` and tells of the first code that `accepts` takes. The returned function ends it. Rejects when there is no
 * camera or the person does not allow it.
 */
export async function scanCode(
  video: HTMLVideoElement,
  accepts: (text: string) => boolean,
  onFound: (text: string) => void,
): Promise<() => void> {
  const Detector = detector();
  if (Detector === undefined) throw new Error('this browser reads no codes');
  const reader = new Detector({ formats: ['qr_code'] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  video.srcObject = stream;
  await video.play();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  const look = async (): Promise<void> => {
    // A frame that cannot be read is followed by another.
    const codes = await reader.detect(video).catch(() => []);
    if (isOver) return;
    const found = codes.find(({ rawValue }) => accepts(rawValue));
    if (found === undefined) timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    else {
      stop();
      onFound(found.rawValue);
    }
  };
  void look();
  return stop;
}
