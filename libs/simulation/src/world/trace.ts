/** Told what happens; the text is only made when somebody reads it. */
export type Trace = (text: () => string) => void;

export const NO_TRACE: Trace = () => undefined;
