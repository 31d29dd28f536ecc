use crate::story::run;

#[test]
fn two_sends_come_as_one_and_one_as_several() {
    let story = run(&["stream"]);
    assert_eq!(story.came("client", "send(\""), ["6", "4"]);
    assert_eq!(story.came("server", "recv(64)"), ["10"]);
    let pieces = story.came("server", "recv(1000)");
    let pieces: Vec<u32> = pieces.iter().map(|n| n.parse().unwrap()).collect();
    assert!(pieces.len() >= 3, "{pieces:?}");
    assert_eq!(pieces.iter().sum::<u32>(), 3000);
    assert_eq!(story.came("server", "a length"), ["6", "4"]);
}
