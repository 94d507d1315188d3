/** The tree of an idle desktop in the attribute style of WAA's server (`cp:screencoord`, `cp:size`). */
export function accessibilityTreeOf(
  screen: { readonly width: number; readonly height: number },
  windows: number,
): string {
  const bar = Math.round(screen.height * 0.053);
  const top = screen.height - bar;
  const node = (tag: string, name: string, x: number, y: number, w: number, h: number): string =>
    `<${tag} name="${name}" st:enabled="true" st:visible="true" cp:screencoord="(${x}, ${y})" cp:size="(${w}, ${h})"/>`;
  const opened = Array.from({ length: windows }, (_, n) =>
    node('window', `Untitled - Notepad ${n + 1}`, 260, 120, 720, 450),
  );
  return [
    '<desktop xmlns:st="uri:deskat:state.at-spi.gnome.org" xmlns:cp="uri:deskat:component.at-spi.gnome.org">',
    node('pane', 'Program Manager', 0, 0, screen.width, screen.height),
    node('listitem', 'Recycle Bin', 24, 24, 48, 48),
    node('listitem', 'Google Chrome', 24, 120, 48, 48),
    ...opened,
    node('pane', 'Taskbar', 0, top, screen.width, bar),
    node('button', 'Start', Math.round(screen.width / 2) - 150, top + 10, 28, 28),
    node('button', 'Search', Math.round(screen.width / 2) - 100, top + 10, 28, 28),
    '</desktop>',
  ].join('');
}
