"""What has been measured, a file a part in build/peers/results, so that a run that was stopped can go on."""

import json

from .place import BUILD


class Folder:
    """Each part's file: the machine it was measured on, and its items in their order."""

    def __init__(self, machine):
        self.machine, self.folder = machine, BUILD / "results"
        self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, part):
        path = self.folder / f"{part}.json"
        return json.loads(path.read_text()) if path.exists() else {"machine": self.machine, "items": {}}

    def run(self, part, measure, core, arguments):
        content = {"machine": self.machine, "items": {}} if arguments.again else self.read(part)
        for name, item in measure(core, arguments, content["items"].get):
            content["items"][name] = item
            self.write(part, content)

    def write(self, part, content):
        path = self.folder / f"{part}.json"
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(content, indent=1) + "\n")
        beside.replace(path)

    def everything(self, parts):
        return {part: self.read(part) for part in parts if self.read(part)["items"]}


class Memory(Folder):
    """For a quick look: nothing is read and nothing is written."""

    def __init__(self, machine):
        self.machine, self.content = machine, {}

    def read(self, part):
        return self.content.get(part, {"machine": self.machine, "items": {}})

    def write(self, part, content):
        self.content[part] = content
