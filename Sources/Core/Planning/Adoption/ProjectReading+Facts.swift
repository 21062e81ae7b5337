import BerthKit

/// What the words of a project's file say of its containers, held against those of the plugin.
extension ProjectReading {
  /// What a container was, and what makes it what it will be.
  struct FormerFact: Equatable {
    let fact: ContainerFact
    /// The project's.
    let service: String
    /// Nil where neither its project nor its image says anything.
    let value: String?
    /// What its image says.
    var image: String?
    /// Nil where the plugin says nothing.
    let now: Template?
  }

  mutating func readFacts(_ pairs: [ServicePairs.Pair], _ manifest: Manifest) throws {
    let facts = try manifest.containerFacts()
    for pair in pairs {
      openFacts += ContainerFact.allCases.map { fact in
        FormerFact(
          fact: fact, service: pair.container.service, value: pair.container.facts[fact],
          image: pair.container.imageFacts[fact],
          now: facts[pair.service.id]?[fact])
      }
    }
  }

  mutating func tell(_ former: FormerFact, becomes text: String?, isSecret: Bool) {
    let fact = former.fact
    guard let change = fact.change(from: former.value, to: text, image: former.image) else { return }
    func word(_ value: String?, _ isHidden: Bool, _ hidden: String) -> String {
      guard let value else { return fact.isImages ? "its image's" : "not set" }
      return isHidden ? hidden : value.split(separator: "\n").joined(separator: ", ")
    }
    tell(
      fact.rawValue, of: former.service, was: word(change.before, fact.mayHoldSecret, "one of its own"),
      is: word(change.after, isSecret, "one with a secret of the instance's"))
  }

  /// Whether a container can write to what it sees of the host.
  mutating func tellAccess(_ found: ForeignContainer.Mount, as mount: Mount, _ pair: ServicePairs.Pair) {
    guard found.isReadOnly != mount.isReadOnly else { return }
    let (former, now) = (found.isReadOnly ? "read-only" : "writable", mount.isReadOnly ? "read-only" : "writable")
    tell(mount.target, of: pair.container.service, was: former, is: now)
  }

  private mutating func tell(_ what: String, of service: String, was former: String, is now: String) {
    note("\(what) of its service '\(service)' was \(former), and is \(now)")
  }
}
