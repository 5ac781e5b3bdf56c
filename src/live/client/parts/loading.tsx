/** @param what What is waited for, as in "Loading the runs". */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="muted">
      <span class="loading-dots" aria-hidden="true" />
      {what} …
    </p>
  );
}
