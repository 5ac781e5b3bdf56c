import type { ComponentChildren } from "preact";

/** Something to know or to do, in a frame of its own. */
export function Notice({
  kind = "info",
  title,
  children,
}: {
  readonly kind?: "info" | "success" | "warning" | "error";
  readonly title?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${kind}`}>
      {title !== undefined && <p class="notice-title">{title}</p>}
      {children}
    </div>
  );
}

/** What has gone wrong, said at once by a screen reader. */
export function ErrorNotice({
  message,
  onRetry,
}: {
  readonly message: string;
  /** Shows a button that tries it again. */
  readonly onRetry?: () => void;
}) {
  return (
    <div class="notice notice-error" role="alert">
      <p>{message}</p>
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
