import { useEffect, useRef, useState } from "preact/hooks";
import { ErrorNotice } from "../parts/notice.js";
import { type Picture, readPicture, UnreadablePictureError } from "./picture.js";

export interface PictureInput {
  readonly error: string | null;
  readonly isReading: boolean;
  readonly read: (file: File) => void;
  readonly dismiss: () => void;
}

/** Reads pictures that are chosen, dropped or pasted: the one that was given last counts. */
export function usePictureInput({
  onPicture,
  onRefused,
}: {
  readonly onPicture: (picture: Picture) => void;
  /** It could not be read. */
  readonly onRefused: () => void;
}): PictureInput {
  const [error, setError] = useState<string | null>(null);
  const [isReading, setIsReading] = useState(false);
  const latest = useRef<File | null>(null);

  async function read(file: File): Promise<void> {
    latest.current = file;
    setError(null);
    setIsReading(true);
    try {
      const picture = await readPicture(file, file.name || undefined);
      if (latest.current === file) onPicture(picture);
    } catch (failure) {
      if (!(failure instanceof UnreadablePictureError)) throw failure;
      if (latest.current !== file) return;
      setError(failure.message);
      onRefused();
    } finally {
      if (latest.current === file) setIsReading(false);
    }
  }

  const readNow = useRef(read);
  readNow.current = read;
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = firstFile(event.clipboardData);
      if (file === undefined) return; // Text, which a field of the page may want.
      event.preventDefault();
      void readNow.current(file);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);

  return { error, isReading, read: (file) => void read(file), dismiss: () => setError(null) };
}

export function firstFile(data: DataTransfer | null): File | undefined {
  return data?.files[0];
}

/** Why a picture could not be read, where whoever has given it looks. */
export function PictureError({ message }: { readonly message: string | null }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (message !== null) place.current?.scrollIntoView({ block: "nearest" });
  }, [message]);
  if (message === null) return null;
  return (
    <div ref={place}>
      <ErrorNotice message={message} />
    </div>
  );
}

/** Buttons that choose a picture; on a phone also one for its camera. */
export function PictureButtons({ input }: { readonly input: PictureInput }) {
  return (
    <>
      <FileButton label="Upload a picture" short="Upload" onFile={input.read} />
      <FileButton label="Take a photo" short="Photo" onFile={input.read} isCamera />
    </>
  );
}

function FileButton({
  label,
  short,
  onFile,
  isCamera = false,
}: {
  readonly label: string;
  /** What stands on it where there is little room. */
  readonly short: string;
  readonly onFile: (file: File) => void;
  readonly isCamera?: boolean;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <span class={isCamera ? "draw-camera" : undefined}>
      <button type="button" class="button" aria-label={label} onClick={() => field.current?.click()}>
        <span class="draw-narrow">{short}</span>
        <span class="draw-wide">{label}</span>
      </button>
      <input
        ref={field}
        type="file"
        accept="image/*"
        capture={isCamera ? "environment" : undefined}
        aria-label={label}
        tabIndex={-1}
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = ""; // The same file can be chosen again.
          if (file !== undefined) onFile(file);
        }}
      />
    </span>
  );
}
