import BerthKit

/// Host names that sites of somebody else's have already, by what a proxy says against a new one.
struct TakenNames {
  /// Each with the files that name it.
  let holders: [(name: String, files: [String])]

  /// - Parameters:
  ///   - complaint: what the proxy said against a site.
  ///   - files: the paths and texts of its configuration.
  init(_ complaint: String, in files: [(path: String, text: String)]) {
    let names =
      complaint.matches(of: /conflicting server name "([^"]+)"/).map { String($0.1) }
      + complaint.matches(of: /ambiguous site definition: ([^\s"\\]+)/).map { Self.bare($0.1) }
    let theirs = files.filter { !($0.path.split(separator: "/").last ?? "").hasPrefix(ProxyConfig.Kind.prefix) }
    holders = Set(names).sorted().map { name in
      (name, theirs.filter { Self.names(in: $0.text, name) }.map(\.path))
    }
  }

  /// A line for each name that a file has.
  var lines: [String] {
    holders.flatMap { holder in holder.files.map { "'\($0)' has the name '\(holder.name)' already" } }
  }

  /// The files that nginx has read, as `nginx -T` prints them.
  static func nginxFiles(_ configuration: String) -> [(path: String, text: String)] {
    var files: [(path: String, text: String)] = []
    for line in configuration.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /# configuration file (\/.*):/) {
        files.append((String(match.1), ""))
      } else if !files.isEmpty {
        files[files.count - 1].text += line + "\n"
      }
    }
    return files
  }

  /// The text files of a folder, and of those in it.
  static func files(in folder: String, _ tree: any FileTree, depth: Int = 3) -> [(path: String, text: String)] {
    ((try? tree.list(folder)) ?? []).flatMap { name -> [(path: String, text: String)] in
      let path = "\(folder)/\(name)"
      if tree.isFolder(path) { return depth > 0 ? files(in: path, tree, depth: depth - 1) : [] }
      return (try? tree.read(path)).map { [(path, $0)] } ?? []
    }
  }

  /// Whether a line that is no comment has a name for itself.
  private static func names(in text: String, _ name: String) -> Bool {
    text.split(separator: "\n").contains { line in
      line.prefix { $0 != "#" }.split { $0.isWhitespace || ",;{}\"'".contains($0) }.contains { bare($0) == name }
    }
  }

  /// `a.example` of `https://a.example:443`.
  private static func bare(_ word: Substring) -> String {
    let address = word.firstRange(of: "://").map { word[$0.upperBound...] } ?? word
    return String(address.prefix { $0 != ":" && $0 != "/" })
  }
}
