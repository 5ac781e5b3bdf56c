/** @returns Whether it was copied: pages that are served neither by HTTPS nor by this machine may not, and some browsers' settings forbid it. */
export async function copyText(text: string): Promise<boolean> {
  const copied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  return copied === true;
}
