<?php
$config = [
    'people' => [
        'exampleauth:UserPass',
        'ana:ana has a password' => [
            'uid' => ['ana'],
            'mail' => ['ana@acme.example'],
            'givenName' => ['Ana'],
            'sn' => ['Sousa'],
        ],
        'eve:eve has a password' => [
            'uid' => ['eve'],
            'mail' => ['eve@acme.example'],
            'givenName' => ['Ève'],
            'sn' => ['Lindqvist & Søn'],
            'eduPersonAffiliation' => ['employee', 'member'],
        ],
    ],
];
