/// Text written for this project, on which `attune init` trains the tokenizers of tiny models.
enum SampleText {
  /// Tokens that the text suffices for.
  static let vocabularySize = 512

  static let lines = """
    I have not been sleeping well for the last three weeks, and every morning feels heavier than the one before.
    My sister says that I should talk to somebody, but I do not know where I would even begin.
    Work has been stressful since the new manager came, and I keep making small mistakes that I never made before.
    Some days are better than others. Yesterday I went for a walk with the dog and felt almost like myself again.
    What helps you when you cannot stop worrying about things that may never happen?
    I used to enjoy reading, cooking and playing music with my friends; now I just lie on the sofa and look at my phone.
    Thank you for listening. It sounds as if you are carrying a lot on your own at the moment.
    The doctor asked how often I felt nervous or hopeless in the past month: never, sometimes, often or always.
    I failed the exam in May 2019, passed it with 87 points in June, and still feel that I do not deserve it.
    We moved to another city for his job, so I left my family, my students and the choir behind.
    Question: does this post show signs of stress? Answer: yes. Reasoning: the writer describes pressure at work, poor sleep and a loss of interest.
    Question: is the person who wrote this lonely? Answer: no. Reasoning: the text mentions close friends, weekly visits and a supportive partner.
    When my heart beats fast I count to ten, breathe slowly, and wait until it is over.
    He said, "You are not broken; you are tired," and that was the kindest thing I heard all year.
    I'm trying to eat regularly, to go to bed before 11:30, and to call my mother on Sundays.
    They don't understand why I can't simply cheer up, although they've known me since we were children.
    Nobody noticed that I had stopped answering messages, or perhaps nobody wanted to ask.
    The group meets on Tuesdays at 6 p.m. in Room 204; the first session is free & open to everyone.
    After the funeral the house was very quiet, and the quiet was worse than the crying.
    It's been 45 days without a drink. I am proud, and a little afraid of day 46.
    Sometimes I wonder whether anything will change, then a student thanks me and I think: maybe it already has.
    Please write down what you were doing, who was with you, and how strong the feeling was on a scale from 0 to 10.
    Café, naïve, über, señor: words from other languages should survive the tokenizer, too.
    If you are in danger, please contact your local emergency number or someone you trust right now.
    """.split(separator: "\n").map(String.init)
}
