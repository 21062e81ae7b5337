import BerthKit
import Testing

@Suite("What is mounted on a host")
struct MountedTreesTests {
  /// A disk for the system, one for films, and a second mount of a folder of each.
  private static let table = MountedTrees(
    """
    22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
    23 22 8:2 / /srv/films rw shared:2 - ext4 /dev/sdb1 rw
    24 22 8:1 /srv/game /mnt/again rw shared:1 - ext4 /dev/sda1 rw
    25 22 8:2 /old\\040ones /mnt/old\\040ones rw - ext4 /dev/sdb1 rw
    26 22 0:30 /@home /home rw - btrfs /dev/sdc rw
    27 22 0:30 /@home/ana/data /mnt/ana rw - btrfs /dev/sdc rw
    28 22 8:1 /srv/hidden /mnt/hidden rw - ext4 /dev/sda1 rw
    29 22 0:40 / /srv/hidden rw - tmpfs tmpfs rw

    """)

  @Test(
    "gives one path to a folder, by whichever mount it is reached",
    arguments: [
      ("/srv/game", "/srv/game"), ("/mnt/again", "/srv/game"), ("/mnt/again/data/x", "/srv/game/data/x"),
      ("/mnt/against", "/mnt/against"), ("/srv/films/a", "/srv/films/a"),
      ("/mnt/old ones/b", "/srv/films/old ones/b"), ("/mnt/ana/x", "/home/ana/data/x"), ("/", "/"),
      // What lies under another mount has no other path than its own.
      ("/mnt/hidden/x", "/mnt/hidden/x"), ("/srv/hidden/x", "/srv/hidden/x"),
    ])
  func origin(_ path: String, _ origin: String) {
    #expect(Self.table.origin(of: path) == origin)
  }

  @Test("is no obstacle where nothing is known of it", arguments: ["", "nonsense\n1 2 3\n"])
  func unknown(_ text: String) {
    #expect(MountedTrees(text).origin(of: "/srv/game") == "/srv/game")
  }
}
