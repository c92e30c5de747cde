//! Help and completions.

use crate::support::Lab;

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let lab = Lab::new();
    let ran = lab.run(&["help"]);
    assert_eq!(ran.code, 0);
    for word in
        ["image", "dir", "inventory", "why", "order", "db", "cache", "completions", "Exit codes"]
    {
        assert!(ran.out.contains(word), "{word} is missing in:\n{}", ran.out);
    }
    assert_eq!(lab.run(&[]).code, 2);
    assert_eq!(lab.run(&["--version"]).code, 0);
}

#[test]
fn every_flag_is_an_environment_variable_of_its_name() {
    let lab = Lab::new();
    let help = lab.run(&["image", "--help"]).out;
    let flags = help.lines().map(str::trim).filter(|line| line.starts_with('-'));
    let mut seen = 0;
    for line in flags {
        let Some(flag) = line.split_whitespace().find(|word| word.starts_with("--")) else {
            continue;
        };
        let name = flag.trim_start_matches("--").split(['[', '=', '.']).next().unwrap();
        if ["help", "verbose", "version"].contains(&name) {
            continue;
        }
        let variable = format!("PLIMSOLL_{}", name.to_uppercase().replace('-', "_"));
        assert!(help.contains(&variable), "{name} has no {variable}");
        seen += 1;
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn completions_are_made_for_the_usual_shells() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = lab.run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("inventory"), "{shell}");
    }
}
