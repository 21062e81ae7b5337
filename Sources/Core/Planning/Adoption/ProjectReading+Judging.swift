import BerthKit

/// What lies at a path of the host.
package enum PathContent: Equatable {
  case nothing, file
  /// With the names in it.
  case folder([String])
  /// A socket, a device.
  case other
}

/// What planning asks the host of the folders of a project.
package struct ProjectGround {
  /// The path without links.
  let real: (String) -> String
  let content: (String) -> PathContent
  /// Bytes on the disk; nil where nobody can tell.
  let size: (String) -> Int64?

  package init(
    real: @escaping (String) -> String, content: @escaping (String) -> PathContent,
    size: @escaping (String) -> Int64?
  ) {
    self.real = real
    self.content = content
    self.size = size
  }
}

extension ProjectReading {
  /// Looks at the folders themselves: whether they can be taken, and what would be lost.
  ///
  /// - Parameter accepted: the places in containers whose data may stay behind.
  package mutating func judge(_ ground: ProjectGround, leaving accepted: [String]) {
    let accepted = Set(accepted.map(\.withoutLastSlash))
    var used: Set<String> = []
    judgeVolumes(ground)
    for absence in absences where !volumes.contains(where: { $0.place == absence.place }) {
      if accepted.contains(absence.target) {
        used.insert(absence.target)
        note("\(absence.target) of '\(absence.service)' begins empty")
      } else {
        problems.append(.volumeMissing(absence.target, of: absence.service, in: project.name))
      }
    }
    var seen: Set<String> = []
    for leftover in leftovers {
      let target = leftover.mount.target.withoutLastSlash
      if accepted.contains(target) { used.insert(target) }
      guard seen.insert("\(leftover.mount.path)\0\(target)").inserted else { continue }
      judge(leftover, target, ground, isAccepted: accepted.contains(target))
    }
    for target in accepted.subtracting(used).sorted() {
      problems.append(.nothingLeft(target, leftovers.map(\.mount.target) + absences.map(\.target), of: project.name))
    }
  }

  private mutating func judgeVolumes(_ ground: ProjectGround) {
    var kept: [Volume] = []
    for var volume in volumes {
      volume.path = ground.real(volume.path)
      switch ground.content(volume.path) {
      case .folder: kept.append(volume)
      case .file where volume.isNested:
        let mount = ForeignContainer.Mount(target: volume.target, path: volume.path, volume: volume.origin)
        leftovers.append(Leftover(mount: mount, service: volume.service, reason: nil))
      case .file:
        kept.append(volume)
        problems.append(.fileForFolder(volume.path, at: volume.target, of: volume.service, in: project.name))
      case .nothing, .other:
        kept.append(volume)
        problems.append(.volumeUnreachable(volume.path, of: project.name))
      }
    }
    volumes = kept
  }

  private mutating func judge(_ leftover: Leftover, _ target: String, _ ground: ProjectGround, isAccepted: Bool) {
    let mount = leftover.mount
    let path = ground.real(mount.path)
    let content = ground.content(path)
    guard !isTaken(path, content, ground) else { return }
    let what = mount.isUnnamed ? "an unnamed volume" : "'\(mount.volume ?? mount.path)'"
    let title = "\(what) at \(target) of '\(leftover.service)' stays behind"
    if let reason = leftover.reason { return note("\(title): \(reason)") }
    switch content {
    case .nothing, .folder([]): return note("\(title): it is empty")
    case .other: return note("\(title): it holds no data")
    case .file, .folder: break
    }
    guard !mount.isReadOnly else { return note("\(title): it was only read") }
    let size = ground.size(path).map { "\(ByteSize.about($0))" } ?? "of unknown size"
    if isAccepted || mount.isUnnamed { return note("\(title) (\(size))") }
    problems.append(.dataLeft(mount.volume ?? mount.path, size, at: target, of: leftover.service, in: project.name))
  }

  /// Whether all that lies there is the instance's by another way.
  private func isTaken(_ path: String, _ content: PathContent, _ ground: ProjectGround) -> Bool {
    let taken = volumes.map(\.path) + shown.map(ground.real)
    if taken.contains(where: { path == $0 || path.lies(in: $0) }) { return true }
    guard case .folder(let names) = content, !names.isEmpty else { return false }
    return names.allSatisfy { name in taken.contains { $0 == "\(path)/\(name)" } }
  }

  /// - Throws: all that is wrong, as one error.
  package func requireFine(_ more: [BerthError] = []) throws {
    let problems = problems + more
    guard let first = problems.first else { return }
    throw problems.count == 1 ? first : BerthError.notAdoptable(problems, project: project.name, as: app)
  }
}
