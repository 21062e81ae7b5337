/// The known word that is nearest to a mistyped one, if any is near enough to be worth offering.
///
/// Near means an edit distance of at most a third of the word's length (and at least 1).
public func nearest(to word: String, in known: [String]) -> String? {
  // Nobody mistypes a word of that length, and the distance takes time by the product of both lengths.
  guard word.utf8.count <= longestWord else { return nil }
  let length = word.count
  let limit = max(1, length / 3)
  return known.filter { $0.utf8.count <= longestWord && abs($0.count - length) <= limit }
    .map { (word: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= limit }
    .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
}

/// The longest word, in bytes, that anything is offered for.
private let longestWord = 128

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn one word into the other
/// (optimal string alignment).
func editDistance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left), Array(right))
  var before: [Int] = []
  var row = Array(0...right.count)
  for i in left.indices {
    var next = [i + 1] + Array(repeating: 0, count: right.count)
    for j in right.indices {
      let substitution = row[j] + (left[i] == right[j] ? 0 : 1)
      next[j + 1] = min(substitution, row[j + 1] + 1, next[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        next[j + 1] = min(next[j + 1], before[j - 1] + 1)
      }
    }
    (before, row) = (row, next)
  }
  return row[right.count]
}
