/** Paints one piece of text. */
export type Paint = (text: string) => string;

/** The colours in use. Colour never carries meaning alone: a mark or a word always says the same. */
export interface Colour {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  readonly grey: Paint;
}

/** How a stream wants its text. */
export interface Style {
  readonly colour: Colour;
  /** Draw marks and bars with Unicode; else with ASCII. */
  readonly unicode: boolean;
  /** No painted line is wider, except a command or path that must be copied whole. */
  readonly columns: number;
}

const asIs: Paint = (text) => text;

/** No colour at all. */
export const noColour: Colour = { bold: asIs, dim: asIs, red: asIs, green: asIs, yellow: asIs, cyan: asIs, grey: asIs };

/** What is printed where nothing is known of the reader: 80 columns, no colour. */
export const plainStyle: Style = { colour: noColour, unicode: true, columns: 80 };
