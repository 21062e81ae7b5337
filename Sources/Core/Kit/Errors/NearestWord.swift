/// The known word that is nearest to a mistyped one, if any is near enough to be worth offering.
///
/// Near means an edit distance of at most a third of the word's length (and at least 1).
public func nearest(to word: String, in known: [String]) -> String? {
  let limit = max(1, word.count / 3)
  return known.map { (word: $0, distance: editDistance(word, $0)) }
    .filter { $0.distance <= limit }
    .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
}

/// The number of insertions, deletions and substitutions that turn one word into the other (Levenshtein).
func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let substitution = diagonal + (character == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
