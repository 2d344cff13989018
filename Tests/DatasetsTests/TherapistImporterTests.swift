import Files
import TestSupport
import Testing

@testable import Datasets

@Suite struct TherapistImporterTests {
  /// The shipped sample in upstream's layout, with upstream's two swapped names.
  private func checkout(_ folder: String, wording: Bool = true) throws {
    let sample = TherapistTests.sample
    func copy(_ name: String, _ target: String) throws {
      try AtomicWrite.createParent(of: "\(folder)/\(target)")
      try AtomicWrite.file("\(folder)/\(target)", FileSystem.text("\(sample)/\(name)"))
    }
    try copy("vignettes.jsonl", "data/questions.jsonl")
    try copy("questions.jsonl", "data/vignettes.jsonl")
    if wording { try copy("stimuli.json", "stimuli.json") }
    let metadata = try FileSystem.text("\(sample)/transcript_metadata.jsonl").replacing("transcripts\\/", with: "external_data\\/volume\\/")
    try AtomicWrite.file("\(folder)/data/transcript_metadata.jsonl", metadata)
    for name in ["night", "garden", "piano", "choir"] { try copy("transcripts/\(name).txt", "external_data/volume/\(name).txt") }
    let files = try #require(TherapistFiles.upstream(folder))
    try AtomicWrite.file("\(folder)/data/prompts.jsonl", StigmaPrompt.read(files).lines)
    try AtomicWrite.file("\(folder)/data/annotations.csv", "Natbib,Location\na,b\n")
  }

  @Test func filesGetTheNamesOfWhatTheyHoldAndTranscriptsAreFound() throws {
    try withTemporaryFolder { folder in
      try checkout("\(folder)/up")
      let report = try TherapistImporter(from: "\(folder)/up/", to: "\(folder)/here").run()
      #expect(!report.isUnchanged && report.prompts.count == 64)
      let imported = try TherapistFiles(root: "\(folder)/here")
      #expect(!imported.isSample && imported.vignettes == "\(folder)/here/test_data/therapists/vignettes.jsonl")
      #expect(try FileSystem.text(imported.vignettes) == FileSystem.text("\(folder)/up/data/questions.jsonl"))
      #expect(try StigmaPrompt.read(imported).lines == FileSystem.text("\(folder)/up/data/prompts.jsonl"))
      let library = try TranscriptLibrary(metadata: try #require(imported.metadata), folder: imported.transcripts)
      #expect(library.transcripts.map(\.index) == ["101", "102", "103"])
      #expect(FileSystem.isFile("\(folder)/here/test_data/therapists/transcripts/volume/night.txt"))
      #expect(report.transcripts.usable == 3 && report.transcripts.unusable.map(\.file) == ["external_data/volume/choir.txt"])
      #expect(report.absent.map(\.what) == ["external_data/human_data_2018.csv", "transcripts for 1 of 5 lines"])
      // What is said nowhere: a session's text.
      #expect(!report.json.encoded().contains("bakery"))
      #expect(try TherapistImporter(from: "\(folder)/up", to: "\(folder)/here").run().isUnchanged)
      try AtomicWrite.file(imported.stimuli, "{}")
      #expect(try !TherapistImporter(from: "\(folder)/up", to: "\(folder)/here").run().isUnchanged)
      #expect(try Stimuli.read(imported.stimuli).interjections.interval == 10)
    }
  }

  @Test func otherPromptsThanThePublishedStopTheImport() throws {
    try withTemporaryFolder { folder in
      try checkout("\(folder)/up")
      let path = "\(folder)/up/data/prompts.jsonl"
      try AtomicWrite.file(path, FileSystem.text(path).replacing("Luis", with: "Lois"))
      #expect { try TherapistImporter(from: "\(folder)/up", to: folder).run() } throws: { "\($0)".contains("prompts.jsonl: line 9: is not what vignettes and questions give") }
      #expect(!FileSystem.exists("\(folder)/test_data"))
    }
  }

  @Test func aWrongFolderIsNamed() throws {
    try withTemporaryFolder { folder in
      #expect { try TherapistImporter(from: folder).run() } throws: { "\($0)".contains("found no data/vignettes.jsonl") }
      #expect { try TherapistImporter(from: "\(folder)/none").run() } throws: { "\($0)".contains("no such folder") }
      try checkout("\(folder)/up", wording: false)
      #expect { try TherapistImporter(from: "\(folder)/up", to: folder).run() } throws: { "\($0)".contains("has neither stimuli.json nor utils.py") }
    }
  }

  /// Upstream keeps the wording in its Python files; the same as in `stimuli.json` comes out, whatever way a text is written.
  @Test func theWordingIsReadFromPythonFiles() throws {
    try withTemporaryFolder { folder in
      try checkout("\(folder)/up", wording: false)
      let python = [
        "utils.py": """
          import matplotlib

          STEEL_MAN_PROMPT = f\"""\\
          You are kind.\\
           You listen.
          \"""

          OTHER_PAPER_PROMPTS = {
              # a comment with "quotes"
              "coach": \"""\\
          You are a coach \\
          of many.\\
          \""",
              'quoted': 'It\\'s \\"so\\"\\u2019',
          }
          """,
        "stigma.py": """
          SUMMARIZE = \"""Answer with \\
          a letter.\"""

          FEW_SHOT_EXAMPLES = [
              {"role": "user", "content": "Is it?\\n- (A) Yes"},
              {"role": "assistant", "content": "A"},
          ]
          """,
        "interjections.py": """
          CHARACTER_LIMIT = 1024
          CHARACTER_LIMIT_PROMPT = f\"""At most {CHARACTER_LIMIT} {{characters}}.\"""
          THERAPIST_PROMPT = STEEL_MAN_PROMPT + CHARACTER_LIMIT_PROMPT
          INTERJECTION_INTERVAL = 50
          CONTEXTUALIZE_PROMPT = \"""{role}: {transcript} {message}\"""
          """,
        "interjection_prompts.py": """
          IN_CONTEXT_QUESTION = \"""{query} {response}\"""
          CONDITION_TO_INTERJECTIONS: Dict[str, Any] = {
              "mania": {
                  "jump": {
                      "interjection": (
                          "One "  # why
                          "two"
                      ),
                      "verification_in_context": [],
                      "verification_prompt": ("So?"),
                      "verification_options": ["yes", "no"],
                      "verification_correct": "no",
                  },
                  "three": {
                      "interjection": ("a", "b", "c",),
                      "verification_in_context": [{"response": "r", "answer": "no"}],
                      "verification_prompt": "So?",
                      "verification_options": ["yes", "no"],
                      "verification_correct": "no",
                  },
              },
          }
          """,
        "scripts/filter.py": "CONTAINS_SYMPTOMS_PROMPT = \"{condition}\" \"{transcript}\"\n",
      ]
      for (name, text) in python {
        try AtomicWrite.createParent(of: "\(folder)/up/\(name)")
        try AtomicWrite.file("\(folder)/up/\(name)", text)
      }
      _ = try TherapistImporter(from: "\(folder)/up", to: folder).run()
      let stimuli = try Stimuli.read("\(folder)/test_data/therapists/stimuli.json")
      #expect(stimuli.steelMan.text == "You are kind. You listen.\n")
      #expect(stimuli.otherPrompts.map(\.text) == ["You are a coach of many.", "It's \"so\"’"])
      #expect(stimuli.stigma.summarize == "Answer with a letter." && stimuli.stigma.example.map(\.content) == ["Is it?\n- (A) Yes", "A"])
      #expect(stimuli.interjections.characterLimitPrompt == "At most 1024 {characters}.")
      #expect(stimuli.interjections.conditions[0].stimuli.map(\.messages) == [["One two"], ["a", "b", "c"]])
      #expect(stimuli.interjections.conditions[0].stimuli[1].examples.map(\.answer) == ["no"] && stimuli.filterPrompt == "{condition}{transcript}")
      try AtomicWrite.file("\(folder)/up/stigma.py", "x = 1\nSUMMARIZE = \"never ends\nFEW_SHOT_EXAMPLES = []\n")
      #expect { try TherapistImporter(from: "\(folder)/up", to: folder).run() } throws: { "\($0)".contains("stigma.py: line 2: expected the end of a text") }
    }
  }
}
