import BerthKit
import BerthRender

extension PathEdit {
  static let json: [PathEdit] = [
    .init(
      "nothing there", .json, "", [.init(["a", "b"], .integer(1)), .init(["a", "c"], .text("\"x\\"))],
      "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": \"\\\"x\\\\\"\n  }\n}\n"),
    .init("an empty object", .json, "{}\n", [.init(["a"], .boolean(true))], "{\n  \"a\": true\n}\n"),
    .real("Factorio's name", .json, ["name"], .text("Kids"), "\"Name of the game\"", "\"Kids\""),
    .real(
      "an object below", .json, ["visibility", "public"], .boolean(false), "\"public\": true", "\"public\": false"),
    .real("the same text in other words", .json, ["description"], .text("Say \"hi\" é"), "tags\":", "tags\":"),
    .real("the same number", .json, ["afk_autokick_interval"], .number(0.5), "tags\":", "tags\":"),
    .real("a number that is a text", .json, ["max_players"], .text("0"), "players\": 0", "players\": \"0\""),
    .real(
      "a new key comes last", .json, ["game_password"], .text(""), "\"admins\": []",
      "\"admins\": [],\n  \"game_password\": \"\""),
    .real(
      "a new key in an object below", .json, ["visibility", "steam", "x"], .integer(1), "\"lan\": true",
      "\"lan\": true,\n    \"steam\": {\n      \"x\": 1\n    }"),
    .real("a key that must not be there", .json, ["username"], nil, "\"username\": \"\",\n  ", ""),
    .real("the last key that must not be there", .json, ["admins"], nil, ",\n  \"admins\": []", ""),
    .init(
      "of doubles the last counts", .json, "{\"a\":1,\"b\":2,\"a\":3,\"c\":4,\"a\":5}", [.init(["a"], .integer(9))],
      "{\"b\":2,\"c\":4,\"a\":9}"),
    .init(
      "on one line", .json, "\u{FEFF}{ \"a\" : 1 }", [.init(["b", "c"], .text("x")), .init(["d"], .number(1.5))],
      "\u{FEFF}{ \"a\" : 1, \"b\" : {\"c\" : \"x\"}, \"d\" : 1.5 }"),
    .init(
      "lines that end as on Windows", .json, "{\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}",
      [.init(["a", "c"], .integer(2)), .init(["d"], .integer(3))],
      "{\r\n\t\"a\": {\r\n\t\t\"b\": 1,\r\n\t\t\"c\": 2\r\n\t},\r\n\t\"d\": 3\r\n}"),
  ]

  static let world = "/Script/Pal.PalGameWorldSettings"

  static let unreal: [PathEdit] = [
    .init(
      "nothing there", .unreal, "",
      [
        .init([world, "OptionSettings", "ServerName"], .text("A \"b\", c")),
        .init([world, "OptionSettings", "PublicPort"], .integer(8211)),
        .init([world, "OptionSettings", "bIsPvP"], .boolean(false)), .init([world, "Plain"], .text("a, b")),
      ],
      "[\(world)]\nOptionSettings=(ServerName=\"A \\\"b\\\", c\",PublicPort=8211,bIsPvP=False)\nPlain=\"a, b\"\n"),
    .init(
      "every one of a name goes (1)", .unreal, "[s]\nL=(A=1,B=2,A=3)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=(B=2)\n"),
    .init(
      "every one of a name goes (2)", .unreal, "[s]\nL=(A=1,A=2,A=3)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=()\n"),
    .init(
      "every one of a name goes (3)", .unreal, "[s]\nL=(B=1,A=2,A=3)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=(B=1)\n"),
    .init(
      "every one of a name goes (4)", .unreal, "[s]\nL=(B=1, A=2 , A=3 )\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=(B=1 )\n"),
    .init(
      "every one of a name goes (5)", .unreal, "[s]\nL=(A=1,A=2,B=3)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=(B=3)\n"),
    .init(
      "every one of a name goes (6)", .unreal, "[s]\nL=(A=1,A=2,B=3,A=4,A=5)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=(B=3)\n"),
    .init(
      "every one of a name goes (7)", .unreal, "[s]\nL=(A=1)\n", [.init(["s", "L", "A"], nil)],
      "[s]\nL=()\n"),
    .real("a number", .unreal, [world, "OptionSettings", "PublicPort"], .integer(8212), "Port=8211", "Port=8212"),
    .real("the same number", .unreal, [world, "OptionSettings", "DayTimeSpeedRate"], .number(1), "; mine", "; mine"),
    .real(
      "a truth", .unreal, [world, "OptionSettings", "RCONEnabled"], .boolean(true), "Enabled=False", "Enabled=True"),
    .real("the same truth", .unreal, [world, "OptionSettings", "bIsMultiplay"], .boolean(false), "; mine", "; mine"),
    .real("a word stays bare", .unreal, [world, "OptionSettings", "DeathPenalty"], .text("Item"), "=All", "=Item"),
    .real(
      "a text stays quoted", .unreal, [world, "OptionSettings", "ServerPassword"], .text("a,b)"), "Password=\"\"",
      "Password=\"a,b)\""),
    .real(
      "the same text", .unreal, [world, "OptionSettings", "ServerName"], .text("Default, \"Palworld\" Server"),
      "; mine",
      "; mine"),
    .real(
      "a member that is new", .unreal, [world, "OptionSettings", "RESTAPIPort"], .integer(8212), "banlist.txt\")",
      "banlist.txt\",RESTAPIPort=8212)"),
    .real(
      "a member that must not be there", .unreal, [world, "OptionSettings", "RCONEnabled"], nil, "RCONEnabled=False,",
      ""),
    .real(
      "the last member that must not be there", .unreal, [world, "OptionSettings", "BanListURL"], nil,
      ",BanListURL=\"https://api.palworldgame.com/api/banlist.txt\"", ""),
    .real("a plain key", .unreal, ["/Script/Engine.GameSession", "MaxPlayers"], .integer(8), "=32", "=8"),
    .real("a plain text", .unreal, ["/Script/Engine.GameSession", "Name"], .text("z // y"), "\"x y\"", "\"z // y\""),
    .real(
      "lists of lines are other keys", .unreal, ["/Script/Engine.GameSession", "Paths"], .text("c"), "\"x y\"\n",
      "\"x y\"\nPaths=c\n"),
    .init(
      "blanks and small letters", .unreal, "[a]\r\nO = ( A = 1 , b = \"x\" , a = 2 )\r\n",
      [.init(["a", "O", "A"], .integer(3)), .init(["a", "O", "c"], .integer(4))],
      "[a]\r\nO = (  b = \"x\" , a = 3 ,c=4)\r\n"),
  ]

  static let toml: [PathEdit] = [
    .init(
      "nothing there", .toml, "",
      [.init(["a"], .text("\"\\")), .init(["b", "c.d"], .integer(1)), .init(["b", "e", "f"], .number(1))],
      "a = \"\\\"\\\\\"\n\n[b]\n\"c.d\" = 1\n\n[b.e]\nf = 1.0\n"),
    .real("a text, and its comment stays", .toml, ["motd"], .text("Hi"), "\"<#09add3>A Velocity Server\"", "\"Hi\""),
    .real("a number", .toml, ["show-max-players"], .integer(5), "= 500", "= 5"),
    .real("a truth", .toml, ["online-mode"], .boolean(false), "= true", "= false"),
    .real("the same", .toml, ["bind"], .text("0.0.0.0:25565"), "[servers]", "[servers]"),
    .real("a key with a dot", .toml, ["advanced", "query", "port"], .integer(1), "port = 25565", "port = 1"),
    .real(
      "a key that is new in its table", .toml, ["servers", "factions"], .text("x"), "    \"lobby\", # first\n]\n",
      "    \"lobby\", # first\n]\nfactions = \"x\"\n"),
    .real(
      "a key that is new at the top", .toml, ["force-key-authentication"], .boolean(true), "online-mode = true\n",
      "online-mode = true\nforce-key-authentication = true\n"),
    .real(
      "a key beside one with a dot", .toml, ["advanced", "query", "enabled"], .boolean(true), "query.port = 25565\n",
      "query.port = 25565\nquery.enabled = true\n"),
    .real(
      "a table that is new", .toml, ["metrics", "enabled"], .boolean(false), "name = \"b\"\n",
      "name = \"b\"\n\n[metrics]\nenabled = false\n"),
    .real("a key that must not be there", .toml, ["show-max-players"], nil, "show-max-players = 500\n", ""),
    .init(
      "other ways to write a text", .toml, "a = 'x'\r\nb = \"\"\"\r\n1\r\n\"\"\"\r\n# end",
      [.init(["a"], .text("y")), .init(["b"], .text("2")), .init(["c"], .integer(3))],
      "a = \"y\"\r\nb = \"2\"\r\nc = 3\r\n# end"),
    .init(
      "what is in a long text is no key", .toml, "a = '''\nb = 1\n[t]\n'''\n", [.init(["b"], .integer(2))],
      "a = '''\nb = 1\n[t]\n'''\nb = 2\n"),
  ]

  static let yaml: [PathEdit] = [
    .init(
      "nothing there", .yaml, "", [.init(["a", "b"], .integer(1)), .init(["a", "c.d"], .text("x: y"))],
      "a:\n  b: 1\n  c.d: \"x: y\"\n"),
    .init(
      "the mark at the beginning", .yaml, "\u{FEFF}a: 1\nb:\n  c: x\n",
      [.init(["a"], .integer(2)), .init(["b", "c"], .text("words"))],
      "\u{FEFF}a: 2\nb:\n  c: words\n"),
    .init("nothing but a comment", .yaml, "# mine\n", [.init(["a"], .text("no"))], "# mine\na: \"no\"\n"),
    .real("a number, and its comment stays", .yaml, ["chunk-system", "io-threads"], .integer(4), "-1   #", "4   #"),
    .real("a word", .yaml, ["chunk-system", "gen-parallelism"], .text("on"), ": default", ": \"on\""),
    .real(
      "a text in quotes", .yaml, ["proxies", "velocity", "secret"], .text("it's #1"), "secret: ''",
      "secret: 'it''s #1'"),
    .real("between braces", .yaml, ["commands", "fix"], .boolean(true), "fix: false", "fix: true"),
    .real("a key that is new between braces", .yaml, ["commands", "x"], .integer(1), "{suggest", "{x: 1, suggest"),
    .real("the same", .yaml, ["watchdog", "early-warning-every"], .integer(5000), "_version", "_version"),
    .real(
      "the same text", .yaml, ["messages", "kick", "connection-throttle"],
      .text("Connection throttled! It's too fast."), "_version", "_version"),
    .real("a number that becomes a text", .yaml, ["_version"], .text("29"), "_version: 29", "_version: \"29\""),
    .real(
      "a key that is new", .yaml, ["proxies", "velocity", "online-mode"], .boolean(true), "secret: ''\n",
      "secret: ''\n    online-mode: true\n"),
    .real(
      "a mapping that is new", .yaml, ["chunk-system", "x", "z"], .text("w"), "# one for each core\n",
      "# one for each core\n  x:\n    z: w\n"),
    .real(
      "a key that is new at the top", .yaml, ["top"], .text("z"), "    - b: c\n", "    - b: c\ntop: z\n"),
    .real("a key that must not be there", .yaml, ["_version"], nil, "_version: 29\n", ""),
    .init(
      "a key without a value, lines that end as on Windows", .yaml, "a:\r\n\r\nb: x\r\n",
      [.init(["a", "c"], .integer(1)), .init(["d"], .integer(2))], "a:\r\n  c: 1\r\n\r\nb: x\r\nd: 2\r\n"),
    .init(
      "a value that was nothing", .yaml, "a:\nb: ~\n", [.init(["a"], .integer(1)), .init(["b"], .integer(2))],
      "a: 1\nb: 2\n"),
    .init("an empty mapping", .yaml, "a: {}\n", [.init(["a", "b", "c"], .integer(1))], "a: {b: {c: 1}}\n"),
  ]
}
