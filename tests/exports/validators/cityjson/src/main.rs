//! Prints what the official validator of CityJSON says of each file that is named, a line for each
//! of its checks: "criterion: what it found", "ok" where that is nothing.

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect("a file that can be read");
        for (criterion, found) in cjval::CJValidator::from_str(&text).validate().iter() {
            let said = found.to_string().replace('\n', " ");
            println!("{}: {}", criterion, said.trim());
        }
    }
}
