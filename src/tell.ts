/** Is told what a person should know although nothing is wrong with it: one line. Who gives it says where that is shown. */
export type Tell = (note: string) => void;
