/** Telling others without depending on them. */

export type Tell<Message> = (message: Message) => void;

/** What one throws shows as an uncaught error, and keeps nothing from the others, nor from us. */
export function tellSafely<Message extends unknown[]>(tell: (...message: Message) => void, ...message: Message): void {
  try {
    tell(...message);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
