/** A placeholder. */
export async function serveDocs(): Promise<{ url: string; close(): Promise<void> }> {
  throw new Error("x");
}
