import Evaluation
import Files
import TestSupport
import Testing

struct RunFileTests {
  static func make(_ root: String, _ files: [String]) throws {
    for file in files {
      try AtomicWrite.createParent(of: "\(root)/\(file)")
      try AtomicWrite.file("\(root)/\(file)", "{}\n")
    }
  }

  @Test func theNewestFileByNameIsTakenAndNotesBesideItAreNot() throws {
    try withTemporaryFolder { folder in
      try Self.make(folder, [
        "stigma/model=a/2026-01-02.jsonl", "stigma/model=a/2026-01-10.jsonl", "stigma/model=a/2026-02-01.csv", "stigma/model=a/2026-01-11.unanswered.json",
        "stigma/model=a/journals/2027-01-01.jsonl", "stigma/model=b/answers.jsonl", "stigma/all_combined.csv", "stigma/model=empty/notes.txt",
        "interjections/model=c/2026-01-01.jsonl",
      ])
      let found = try RunFile.find(in: folder, suite: "stigma")
      #expect(found.map { "\($0.name.folder) \($0.file)" } == ["model=a 2026-01-10.jsonl", "model=b answers.jsonl"])
      #expect(try RunFile.find(in: folder + "/stigma/", suite: "stigma").count == 2)
      #expect(try RunFile.find(in: folder, suite: "stigma", selection: .all).map(\.file) == ["2026-01-02.jsonl", "2026-01-10.jsonl", "answers.jsonl"])
      #expect(try RunFile.find(in: "\(folder)/stigma/model=a", suite: "stigma").map(\.file) == ["2026-01-10.jsonl"])
      #expect(try RunFile.find(in: "\(folder)/stigma/model=a/2026-01-02.jsonl", suite: "stigma").map(\.name.model) == ["a"])
    }
  }

  @Test func whatHoldsNoRunIsNamed() throws {
    try withTemporaryFolder { folder in
      #expect { try RunFile.find(in: folder, suite: "stigma") } throws: { "\($0)".hasPrefix("\(folder): holds no run. Expected folders like") }
      #expect { try RunFile.find(in: "\(folder)/none", suite: "stigma") } throws: { "\($0)".contains("is missing") }
      try Self.make(folder, ["model=a&steel/1.jsonl"])
      #expect { try RunFile.find(in: folder, suite: "stigma") } throws: { "\($0)".contains("found 'steel' in the folder's name") }
    }
  }

  @Test func damagedFilesAreNamedWithTheirRow() throws {
    try withTemporaryFolder { folder in
      let line = JSON.object(RowTests.stigma).encoded() + "\n"
      let path = "\(folder)/model=a/2026-01-01.jsonl"
      try AtomicWrite.createParent(of: path)
      try AtomicWrite.file(path, line + line)
      #expect { try StigmaRun.readAll(folder) } throws: { "\($0)" == "\(path): line 2, row 2: is the same prompt as row 1. Keep one of the two rows" }
      try AtomicWrite.file(path, "\n" + line + "{\"race\": ")
      #expect { try StigmaRun.readAll(folder) } throws: { "\($0)".hasPrefix("\(path): line 3") }
      try AtomicWrite.file(path, "")
      #expect { try StigmaRun.readAll(folder) } throws: { "\($0)".hasPrefix("\(path): has no row") }
      let interjection = JSON.object(RowTests.interjection).encoded() + "\n"
      try AtomicWrite.file(path, interjection + interjection)
      #expect { try InterjectionRun.readAll(folder) } throws: { "\($0)" == "\(path): line 2, row 2: is the same prompt as row 1. Keep one of the two rows" }
    }
  }

  @Test func peoplesAnswersAreReadFromTheirTable() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/model=human_therapist/2026-01-01.csv"
      try AtomicWrite.createParent(of: path)
      let head = "id,interjection,verification_options,verification_correct,model_response,human_classification,condition,participant_id\n"
      try AtomicWrite.file(path, head + "jump,x,\"yes, no\",no,r,No ,mania,4\njump,x,\"yes, no\",no,r,yes,mania,4\njump,x,\"yes, no\",no,,,mania,5\n")
      let run = try #require(try InterjectionRun.readAll(folder).first)
      #expect(run.kind == .therapists && run.judge == "human")
      #expect(run.outcomes.map(\.key) == ["4_jump", "4_jump_2", "5_jump"])
      #expect(run.outcomes.map(\.isAppropriate) == [true, false, nil])
      #expect(run.outcomes.map(\.cluster) == ["4", "4", "5"])
      try AtomicWrite.file(path, head + "jump,x,\"yes, no\",no,r,perhaps,mania,4\n")
      #expect { try InterjectionRun.readAll(folder) } throws: { "\($0)".hasPrefix("\(path): line 2, row 1, \"human_classification\": is none of the row's options") }
    }
  }
}
