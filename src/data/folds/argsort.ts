/** Parts of at most so many values are sorted by insertion. */
const SMALL = 16;

/**
 * The order that sorts the values, where equal ones stand as NumPy's `argsort` leaves them (`kind="quicksort"` of integers, which is not
 * stable): median of three, the larger part later, short parts by insertion. NumPy turns to heapsort where this divides badly time and
 * again, and nothing here does.
 */
export function numpyArgsort(values: Int32Array): Int32Array {
  const order = Int32Array.from(values.keys());
  const at = (place: number) => values[order[place] as number] as number; // All places below are within the order.
  const swap = (a: number, b: number) => {
    const kept = order[a] as number;
    order[a] = order[b] as number;
    order[b] = kept;
  };
  const parts: [first: number, last: number][] = [[0, values.length - 1]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    let [first, last] = part;
    while (last - first >= SMALL) {
      const middle = first + ((last - first) >> 1);
      if (at(middle) < at(first)) swap(middle, first);
      if (at(last) < at(middle)) swap(last, middle);
      if (at(middle) < at(first)) swap(middle, first);
      const pivot = at(middle);
      let left = first;
      let right = last - 1;
      swap(middle, right);
      for (;;) {
        do left++;
        while (at(left) < pivot);
        do right--;
        while (pivot < at(right));
        if (left >= right) break;
        swap(left, right);
      }
      swap(left, last - 1);
      if (left - first < last - left) {
        parts.push([left + 1, last]);
        last = left - 1;
      } else {
        parts.push([first, left - 1]);
        first = left + 1;
      }
    }
    insertionSort(values, order, first, last);
  }
  return order;
}

function insertionSort(values: Int32Array, order: Int32Array, first: number, last: number): void {
  for (let i = first + 1; i <= last; i++) {
    const moved = order[i] as number;
    let place = i;
    while (place > first && (values[moved] as number) < (values[order[place - 1] as number] as number)) {
      order[place] = order[place - 1] as number;
      place--;
    }
    order[place] = moved;
  }
}
