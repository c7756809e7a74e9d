/** Is told how far one step of a check has come, in whatever the step counts; `total` is an estimate. */
export type StepProgress = (done: number, total: number) => void;

/** Is told how far a check of several steps has come. */
export type CheckProgress = (step: string, done: number, total: number) => void;
