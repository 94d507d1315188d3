/** US dollars, with tenths of cents below one dollar: `$0.384`, `$12.30`, `$0.00`. */
export function formatUsd(usd: number): string {
  const sign = usd < 0 ? '-' : '';
  const value = Math.abs(usd);
  return `${sign}$${value >= 0.0005 && value < 0.9995 ? trimTo(value) : value.toFixed(2)}`;
}

/** Below one dollar a third digit tells an hourly price from another; `0.380` is written `0.38`. */
function trimTo(value: number): string {
  return value.toFixed(3).replace(/0$/, '');
}
